/**
 * Which request reaches which DMA stream at which channel (RM0090 tables 42 and 43; RM0383 tables 27 and 28). A request of
 * a peripheral that a chip does not have simply never comes.
 */
import type { DmaRequests } from './chip.ts';

export const stm32f4DmaRequests: DmaRequests = {
  1: [
    { 0: 'SPI3_RX', 2: 'SPI3_RX', 3: 'SPI2_RX', 4: 'SPI2_TX', 5: 'SPI3_TX', 7: 'SPI3_TX' },
    { 0: 'I2C1_RX', 2: 'TIM7_UP', 4: 'TIM7_UP', 5: 'I2C1_RX', 6: 'I2C1_TX', 7: 'I2C1_TX' },
    { 0: 'TIM4_CH1', 2: 'I2S3_EXT_RX', 3: 'TIM4_CH2', 4: 'I2S2_EXT_TX', 5: 'I2S3_EXT_TX', 6: 'TIM4_UP', 7: 'TIM4_CH3' },
    {
      0: 'I2S3_EXT_RX',
      1: 'TIM2_UP TIM2_CH3',
      2: 'I2C3_RX',
      3: 'I2S2_EXT_RX',
      4: 'I2C3_TX',
      5: 'TIM2_CH1',
      6: 'TIM2_CH2 TIM2_CH4',
      7: 'TIM2_UP TIM2_CH4',
    },
    { 0: 'UART5_RX', 1: 'USART3_RX', 2: 'UART4_RX', 3: 'USART3_TX', 4: 'UART4_TX', 5: 'USART2_RX', 6: 'USART2_TX', 7: 'UART5_TX' },
    { 2: 'TIM3_CH4 TIM3_UP', 4: 'TIM3_CH1 TIM3_TRIG', 5: 'TIM3_CH2', 7: 'TIM3_CH3' },
    { 0: 'TIM5_CH3 TIM5_UP', 1: 'TIM5_CH4 TIM5_TRIG', 2: 'TIM5_CH1', 3: 'TIM5_CH4 TIM5_TRIG', 4: 'TIM5_CH2', 6: 'TIM5_UP' },
    { 1: 'TIM6_UP', 2: 'I2C2_RX', 3: 'I2C2_RX', 4: 'USART3_TX', 5: 'DAC1', 6: 'DAC2', 7: 'I2C2_TX' },
  ],
  2: [
    { 0: 'ADC1', 2: 'TIM8_CH1 TIM8_CH2 TIM8_CH3', 4: 'ADC1', 6: 'TIM1_CH1 TIM1_CH2 TIM1_CH3' },
    { 2: 'ADC2', 3: 'ADC2' },
    { 0: 'ADC3', 1: 'ADC3', 3: 'SPI5_RX', 4: 'SPI5_TX' },
    { 0: 'SPI1_RX', 2: 'SPI1_RX', 3: 'SPI1_TX', 5: 'SPI1_TX' },
    { 0: 'SPI4_RX', 1: 'SPI4_TX', 2: 'USART1_RX', 3: 'SDIO', 5: 'USART1_RX', 6: 'SDIO', 7: 'USART1_TX' },
    { 1: 'USART6_RX', 2: 'USART6_RX', 3: 'SPI4_RX', 4: 'SPI4_TX', 6: 'USART6_TX', 7: 'USART6_TX' },
    { 0: 'TIM1_TRIG', 1: 'TIM1_CH1', 2: 'TIM1_CH2', 3: 'TIM1_CH1', 4: 'TIM1_CH4 TIM1_TRIG TIM1_COM', 5: 'TIM1_UP', 6: 'TIM1_CH3' },
    { 1: 'TIM8_UP', 2: 'TIM8_CH1', 3: 'TIM8_CH2', 4: 'TIM8_CH3', 5: 'SPI5_RX', 6: 'SPI5_TX', 7: 'TIM8_CH4 TIM8_TRIG TIM8_COM' },
  ],
};
